/** Makes photos smaller, as telephones take larger ones than the portal, and nobody knows how to do it by hand. */

const LONGEST = 4000; // pixels: what the portal keeps of a picture in any case (tokens/records.py)
const QUALITY = 0.85;

/** Put smaller ones in the place of the pictures of a file field that have more than `most` bytes. */
export async function shrink(field, most) {
  const files = new DataTransfer();
  for (const file of field.files) files.items.add(file.size > most ? await smaller(file) : file);
  field.files = files.files;
}

/** The picture as a smaller JPEG; the file as it is where the browser cannot read it: the server says what is wrong. */
async function smaller(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return file;
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const paper = canvas.getContext("2d");
  paper.fillStyle = "white"; // a JPEG has no glass
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: blob.type });
}
