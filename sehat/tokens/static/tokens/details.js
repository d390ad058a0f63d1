// The registration form: ties its helpers to the page. Without them it is a plain form that works all the same.

import { fillPlace } from "./place.js";
import { sendWithProgress } from "./send.js";

const form = document.getElementById("details");
const { category, relation, pincode, state, district } = form.elements;

// Only dependents have a relation.
const part = document.getElementById("relation-part");
const showRelation = () => {
  part.hidden = category.value !== "dependent";
  if (part.hidden && !relation.disabled) relation.value = "";
};
category.addEventListener("change", showRelation);
showRelation();

fillPlace({
  pincode,
  state,
  district,
  cities: document.getElementById("cities"),
  address: document.getElementById("details-script").dataset.place,
});

sendWithProgress({
  form,
  wrong: document.getElementById("wrong"),
  unsent: document.getElementById("unsent"),
  sending: document.getElementById("sending"),
  bar: document.getElementById("sending-bar"),
});
