// The progress page counts days in the learner's own time zone, which only the browser knows.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const url = new URL(location.href);
if (zone && url.searchParams.get("zone") !== zone) {
  url.searchParams.set("zone", zone);
  location.replace(url);
}
