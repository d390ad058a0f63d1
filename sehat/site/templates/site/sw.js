{% comment %}The service worker. A template, as only Django knows the hashed names of the files.{% endcomment %}
// Lets a telephone install the portal, and shows a page that says what to do where there is no line. It keeps the portal's
// look and nothing else: every page comes from the portal itself, so nothing about a person is ever kept here.

const KEPT = "look-{{ version }}";
const OFFLINE = "{% url 'site:offline' %}";
const AHEAD = [OFFLINE, {% for file in files %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(AHEAD)));
  // Where the browser can, it goes by these rules itself: no page waits until this worker is awake, and no file either,
  // as files stay in the browser's own cache for a year.
  event.addRoutes?.([
    { condition: { urlPattern: { pathname: "{{ static }}*" } }, source: "network" },
    { condition: { requestMode: "navigate", requestMethod: "GET" }, source: "race-network-and-fetch-handler" },
  ]);
});

addEventListener("activate", (event) => event.waitUntil(begin()));

async function begin() {
  // A page need not wait until this worker is awake.
  await registration.navigationPreload?.enable();
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (AHEAD.includes(pathname)) event.respondWith(look(request));
});

async function page({ request, preloadResponse }) {
  try {
    return (await preloadResponse) ?? (await fetch(request));
  } catch {
    return caches.match(OFFLINE);
  }
}

async function look(request) {
  return (await caches.match(request)) ?? fetch(request);
}

// A notification that was pressed brings back the page that showed it.
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(goTo(event.notification.data));
});

async function goTo(path) {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find((window) => new URL(window.url).pathname === path);
  return open ? open.focus() : clients.openWindow(path);
}
