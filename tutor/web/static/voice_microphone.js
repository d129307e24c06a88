// The learner's microphone: opened once for a conversation, muted, measured, closed again.

const WISHES = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const native = navigator.mediaDevices?.getUserMedia?.bind(navigator.mediaDevices);

let stream = null;
let context = null;
let analyser = null;
let samples = null;

export const microphone = {
  /** Throws what getUserMedia throws. */
  async open() {
    stream = await native({ audio: WISHES });
    context = new AudioContext();
    analyser = new AnalyserNode(context, { fftSize: 512 });
    samples = new Uint8Array(analyser.fftSize);
    context.createMediaStreamSource(stream).connect(analyser);
    return stream;
  },

  close() {
    stream?.getTracks().forEach((track) => track.stop());
    context?.close();
    stream = context = analyser = null;
  },

  get stream() {
    return stream;
  },

  mute(muted) {
    stream?.getTracks().forEach((track) => (track.enabled = !muted));
  },

  /** How loud it is, from 0 to 1. */
  level() {
    if (!analyser) return 0;
    analyser.getByteTimeDomainData(samples);
    let loudest = 0;
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample - 128));
    return Math.min(1, loudest / 64);
  },
};

// FastRTC opens a microphone of its own when a call begins, and again when it has ended, where nobody would
// close it. It gets the one that is open here, and nothing where none is.
if (native) navigator.mediaDevices.getUserMedia = async () => stream ?? new MediaStream();
