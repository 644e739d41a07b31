// Chooses files, folders or drops, and streams each file to the server's own route. What a file is and what
// becomes of it is decided there; this only moves bytes and tells the page when one has arrived.

const AT_ONCE = 2;
const LINGER = 2500;
const states = new WeakMap();

function megabytes(bytes) {
  return bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

function line(state, file) {
  const item = document.createElement("li");
  for (const name of ["name", "state"]) {
    const part = document.createElement("span");
    part.className = name;
    item.append(part);
  }
  const bar = document.createElement("progress");
  bar.max = 1;
  item.append(bar);
  item.querySelector(".name").textContent = file.path;
  state.list.append(item);
  return {
    say: (text) => { item.querySelector(".state").textContent = text; },
    move: (share) => { bar.value = share; },
    leave: () => item.remove(),
    end: (good) => { bar.remove(); item.classList.toggle("bad", !good); },
  };
}

function send(state, file) {
  const words = state.data.words;
  const shown = file.line;
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const began = performance.now();
    request.open("POST", state.data.url);
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.path));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      const share = event.total ? event.loaded / event.total : 1;
      const left = share > 0.02 ? Math.ceil(((performance.now() - began) / 1000) * (1 / share - 1)) : null;
      shown.move(share);
      shown.say(left === null || share === 1
        ? megabytes(event.loaded)
        : `${Math.floor(share * 100)}% · ${words.left.replace("{n}", left)}`);
    };
    request.onload = () => {
      const good = request.status >= 200 && request.status < 300;
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = {}; }
      shown.end(good);
      shown.say(good ? words.arrived : answer.detail || words.failed);
      if (good) setTimeout(shown.leave, LINGER);
      done(good ? answer : null);
    };
    request.onerror = () => { shown.end(false); shown.say(words.failed); done(null); };
    request.send(file.blob);
  });
}

async function work(state) {
  if (state.running >= AT_ONCE || !state.queue.length) return;
  state.running += 1;
  const answer = await send(state, state.queue.shift());
  state.running -= 1;
  if (answer) state.trigger("done", `${Date.now()}`);
  work(state);
}

// What systems and spreadsheets leave lying in folders: .DS_Store, ~$lock files. A file given by itself is sent.
const isLitter = ({ path }) => path.includes("/") && path.split("/").some((part) => /^(\.|~\$)/.test(part));

function add(state, files) {
  for (const file of files.filter((one) => !isLitter(one))) {
    file.line = line(state, file);
    file.line.say(megabytes(file.blob.size));
    state.queue.push(file);
  }
  for (let i = 0; i < AT_ONCE; i += 1) work(state);
}

const chosen = (files) => [...files].map((blob) => ({ blob, path: blob.webkitRelativePath || blob.name }));

async function entries(entry, path) {
  if (entry.isFile) {
    return new Promise((done) => {
      entry.file((blob) => done([{ blob, path: path + blob.name }]), () => done([]));
    });
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done) => { reader.readEntries(done, () => done([])); });
    if (!some.length) break;
    for (const inner of some) found.push(...await entries(inner, `${path}${entry.name}/`));
  }
  return found;
}

async function dropped(transfer) {
  const roots = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!roots.length) return chosen(transfer.files);
  return (await Promise.all(roots.map((root) => entries(root, "")))).flat();
}

function start(root) {
  const state = { queue: [], running: 0, list: root.querySelector(".list"), data: null, trigger: null };
  const [files, folder] = [root.querySelector(".f"), root.querySelector(".d")];
  const drop = root.querySelector(".drop");
  root.querySelector(".files").addEventListener("click", () => files.click());
  root.querySelector(".folder").addEventListener("click", () => folder.click());
  state.take = () => {
    for (const input of [files, folder]) {
      if (input.files.length) add(state, chosen(input.files));
      input.value = "";
    }
  };
  for (const input of [files, folder]) input.addEventListener("change", state.take);
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add(state, await dropped(event.dataTransfer));
  });
  return state;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const isNew = !states.has(parentElement);
  if (isNew) states.set(parentElement, start(parentElement));
  const state = states.get(parentElement);
  state.data = data;
  state.trigger = setTriggerValue;
  for (const [name, text] of Object.entries(data.labels)) parentElement.querySelector(`.${name}`).textContent = text;
  if (isNew) state.take(); // what was chosen before this script had come
}
