/** The voice on a thin line: nothing is sent while nobody speaks, and each packet mends the loss of the one before. */

const WISHES = { usedtx: 1, useinbandfec: 1 };

/** The other side's description with that wish in it: a browser's encoder heeds what its listener asks for. */
export function thrifty({ type, sdp }) {
  const opus = /^a=rtpmap:(\d+) opus\//im.exec(sdp)?.[1];
  if (!opus) return { type, sdp };
  const line = new RegExp(`^(a=fmtp:${opus} )(.*)$`, "m");
  return { type, sdp: sdp.replace(line, (_, head, wishes) => head + merged(wishes)) };
}

function merged(wishes) {
  const all = new Map(wishes.split(";").map((wish) => wish.trim().split("=")));
  for (const [name, value] of Object.entries(WISHES)) all.set(name, value);
  return Array.from(all, ([name, value]) => (value === undefined ? name : `${name}=${value}`)).join(";");
}
