// The live connection. FastRTC's own controls make it; this presses them and watches what comes of it.

const PATIENCE = 6_000; // milliseconds; a connection that is let through takes one or two
const $ = (selector) => document.querySelector(selector);
const inner = () => $("#voice .button-wrap button");

let connection = null;
let heard = () => {};

const Native = window.RTCPeerConnection;
if (Native)
  window.RTCPeerConnection = class extends Native {
    constructor(...settings) {
      super(...settings);
      connection = this;
    }
    createDataChannel(...settings) {
      const channel = super.createDataChannel(...settings);
      channel.addEventListener("message", ({ data }) => heard(data));
      return channel;
    }
  };

export const line = {
  /**
   * Connects. False where there is no connection after some seconds. Later `onLost` is called where the
   * connection breaks, and `onEnd`, with words for the learner, where the server hangs up.
   */
  async open({ onLost, onEnd }) {
    heard = (data) => {
      const message = data.startsWith("{") ? JSON.parse(data) : {};
      if (message.type === "end_stream") onEnd(String(message.data));
    };
    connection = null;
    if (!inner()) $("#voice button")?.click();
    if (!(await until(inner, 5_000))) return false;
    inner().click();
    const good = await until(() => connection?.connectionState === "connected", PATIENCE);
    const mine = connection;
    if (!good) this.close();
    else
      mine.addEventListener("connectionstatechange", () => {
        if (mine === connection && ["disconnected", "failed", "closed"].includes(mine.connectionState)) onLost();
      });
    return good;
  },

  close() {
    const old = connection;
    connection = null;
    if (old?.connectionState === "connected") inner()?.click();
    else old?.close();
  },
};

async function until(condition, milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
