// @runware/sdk-js, unmodified, against a stand-in: node runware_js.mjs SCENARIO WS_URL. Prints one line of JSON.
import { RunwareServer } from "@runware/sdk-js";

const [scenario, url] = process.argv.slice(2);
const PNG = "data:image/png;base64," + Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(64)]).toString("base64");
const task = {
  model: "lightricks:ltx@2",
  positivePrompt: "a lighthouse",
  width: 192,
  height: 128,
  duration: 1,
  fps: 12,
  includeCost: true,
  deliveryMethod: "async",
};

function client(apiKey) {
  return new RunwareServer({ apiKey, url, timeoutDuration: 8000, globalMaxRetries: 1 });
}

async function outcome(work) {
  try {
    return { result: await work() };
  } catch (error) {
    const inner = error?.error ?? error;
    return { error: { code: inner?.code, message: String(inner?.message ?? inner), parameter: inner?.parameter } };
  }
}

const scenarios = {
  results: (runware) => runware.videoInference({ ...task, numberResults: 2 }),
  upload: async (runware) => {
    const image = await runware.imageUpload({ image: PNG });
    const media = await runware.mediaStorage({ operation: "upload", media: PNG });
    const film = await runware.videoInference({ ...task, inputs: { frameImages: [{ image: image.imageUUID, frame: "first" }] } });
    return { image, media, film };
  },
  wrong: (runware) => runware.videoInference({ ...task, width: 100 }),
  failed: (runware) => runware.videoInference({ ...task, positivePrompt: "x [[fault:refuse]]" }),
  "bad-key": (runware) => runware.videoInference(task),
  "lost-answer": (runware) => runware.videoInference({ ...task, positivePrompt: "x [[fault:lost-ack*1]]", retry: 3 }),
  "lost-line": (runware) => runware.videoInference({ ...task, positivePrompt: "x [[fault:poll-502*1]]", retry: 3 }),
};

const runware = client(scenario === "bad-key" ? "bad-key" : "key");
const began = Date.now();
const said = await outcome(() => scenarios[scenario](runware));
console.log(JSON.stringify({ ...said, seconds: (Date.now() - began) / 1000 }));
process.exit(0);
