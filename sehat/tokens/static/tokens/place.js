// A pincode fills State and District; a State brings its districts. What was chosen by hand stays where it fits.

export function fillPlace({ pincode, state, district, cities, address }) {
  let asked = 0;

  async function ask(question) {
    const mine = ++asked;
    const answer = await fetch(`${address}?${new URLSearchParams(question)}`).catch(() => null);
    // A later question has been asked meanwhile, or the line is gone: the form works without this.
    if (mine !== asked || !answer?.ok) return null;
    return answer.json();
  }

  pincode.addEventListener("input", async () => {
    // Devanagari digits (० is U+0966) count as digits too.
    const digits = [...pincode.value.replace(/\s/g, "")]
      .map((digit) => (digit >= "०" && digit <= "९" ? String(digit.charCodeAt(0) - 0x966) : digit))
      .join("");
    if (!/^\d{6}$/.test(digits)) return;
    const place = await ask({ pincode: digits });
    if (!place?.state) return;
    state.value = place.state;
    offer(place.districts);
    if (place.here.length === 1) district.value = place.here[0];
    else if (!place.here.includes(district.value)) district.value = "";
  });

  state.addEventListener("change", async () => {
    offer([]);
    if (!state.value) return;
    const place = await ask({ state: state.value });
    if (place) offer(place.districts);
  });

  function offer(names) {
    const chosen = district.value;
    const [empty] = district.options;
    district.replaceChildren(empty, ...names.map((name) => new Option(name, name)));
    cities.replaceChildren(...names.map((name) => new Option(name, name)));
    district.value = names.includes(chosen) ? chosen : "";
  }
}
