// What a page needs of the browser: the language of the document and of Streamlit's own words, the theme,
// and going to the sign-in page once the session has ended. No page content is made here.

const THEMES = { system: "System", light: "Light", dark: "Dark" };
const SENTENCE = 20;
const ATTRIBUTES = ["aria-label", "title", "placeholder"];
let phrases = new Map();
let patterns = [];
let observer = null;

// Streamlit's phrase in our words; a phrase with {} stands for any with something in its place.
// ``least``: how long its fixed beginning must be, so that nobody's own words are taken for one.
function ownWords(text, least = 1) {
  if (!text) return undefined;
  const whole = phrases.get(text.trim());
  if (whole) return whole;
  const found = patterns.find(([start]) => start.length >= least && text.startsWith(start) && text.length > start.length);
  return found && found[1].replace("{}", text.slice(found[0].length));
}

function translate(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    const own = ownWords(node.data, SENTENCE);
    if (own && node.data !== own) node.data = own;
    return;
  }
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  for (const name of ATTRIBUTES) {
    const own = ownWords(node.getAttribute(name));
    if (own) node.setAttribute(name, own);
  }
  for (const child of node.childNodes) translate(child);
}

async function checkSession() {
  const answer = await fetch("/api/v1/session", { cache: "no-store" }).catch(() => null);
  if (answer && answer.status === 401) location.replace("/login");
}

function watch() {
  if (observer) return;
  observer = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes" || change.type === "characterData") translate(change.target);
      for (const added of change.addedNodes) {
        translate(added);
        if (added.nodeType === Node.ELEMENT_NODE && added.dataset.testid === "stConnectionStatus") checkSession();
      }
    }
  });
  observer.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
  });
}

// Streamlit asks the browser for its language whenever it draws the whole page: once more, when it has come to rest.
function drawAgain(trigger) {
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
  if (state === "notRunning") trigger("spoken", true);
  else setTimeout(drawAgain, 100, trigger);
}

function speak(data) {
  const changed = navigator.language !== data.locale;
  document.documentElement.lang = data.locale;
  Object.defineProperty(navigator, "language", { configurable: true, get: () => data.locale });
  Object.defineProperty(navigator, "languages", { configurable: true, get: () => [data.locale] });
  document.cookie = `shopdata_language=${data.language}; path=/; max-age=31536000; samesite=lax`;
  const pairs = Object.entries(data.phrases);
  phrases = new Map(pairs.filter(([english]) => !english.endsWith("{}")));
  patterns = pairs.filter(([english]) => english.endsWith("{}")).map(([english, own]) => [english.slice(0, -2), own]);
  translate(document.body);
  watch();
  return changed;
}

function chosenTheme() {
  const held = localStorage.getItem(`stActiveTheme-${location.pathname}-v2`);
  const name = held ? JSON.parse(held) : "System";
  return Object.keys(THEMES).find((key) => THEMES[key] === name) || "system";
}

function showThemes(root, data) {
  const row = root.querySelector(".themes");
  const current = chosenTheme();
  row.setAttribute("aria-label", data.theme);
  row.replaceChildren(...Object.entries(data.themes).map(([key, label]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(key === current));
    button.addEventListener("click", () => {
      for (const path of data.paths) localStorage.setItem(`stActiveTheme-${path}-v2`, JSON.stringify(THEMES[key]));
      location.reload();
    });
    return button;
  }));
}

export default function ({ data, parentElement, setTriggerValue }) {
  showThemes(parentElement, data);
  if (speak(data)) drawAgain(setTriggerValue);
}
