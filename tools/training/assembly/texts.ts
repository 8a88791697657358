// Strings: building, splitting, searching, numbers to text.
const words: string[] = ["alpha", "beta", "gamma", "delta"];
const counts = new Map<string, i32>();
let text = "";
for (let i = 0; i < 600; i++) {
  text += words[(i * 7) % 4] + (i % 5 == 0 ? ", " : " ") + i.toString();
  if (i % 50 == 49) {
    const parts = text.split(" ");
    for (let j = 0; j < parts.length; j++) {
      const word = parts[j].toUpperCase();
      counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1);
    }
    text = text.substring(text.length / 2);
  }
}
let sum = 0;
const keys = counts.keys();
for (let i = 0; i < keys.length; i++) {
  sum += counts.get(keys[i]) * keys[i].length;
  sum += <i32>parseFloat(i.toString() + ".5") + keys[i].indexOf("LT");
}
for (let i = 0; i < 500; i++) sum += (<f64>i / 7.0).toString().length;
export const result = sum;
