// Floats and fixed arrays: Julia set, matrices, waves, life on a typed array, hashes of 64 bits.
const N = 48;
const a = new Float64Array(N * N), b = new Float32Array(N * N);
let sum = 0.0;
for (let y = 0; y < N; y++) {
  for (let x = 0; x < N; x++) {
    let re = <f64>x / 20.0 - 1.2, im = <f64>y / 20.0 - 1.2;
    let n = 0;
    while (re * re + im * im < 4.0 && n < 60) {
      const t = re * re - im * im - 0.7;
      im = 2.0 * re * im + 0.27;
      re = t;
      n++;
    }
    a[y * N + x] = n;
    b[y * N + x] = <f32>n * 0.1;
  }
}
for (let i = 0; i < N; i++) {
  for (let j = 0; j < N; j++) {
    let dot = 0.0;
    for (let k = 0; k < N; k++) dot += a[i * N + k] * a[k * N + j];
    sum += dot;
  }
}
for (let step = 0; step < 20; step++) {
  for (let i = N; i < N * N - N; i++) b[i] = 0.25 * (b[i - 1] + b[i + 1] + b[i - N] + b[i + N]);
}
let cells = new StaticArray<u8>(N * N);
for (let i = 0; i < N * N; i++) cells[i] = <u8>((i * 7) % 3 == 0);
for (let step = 0; step < 12; step++) {
  const next = new StaticArray<u8>(N * N);
  for (let y = 1; y < N - 1; y++) {
    for (let x = 1; x < N - 1; x++) {
      let n = 0;
      for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) n += cells[(y + dy) * N + x + dx];
      n -= cells[y * N + x];
      next[y * N + x] = <u8>(n == 3 || (n == 2 && cells[y * N + x] != 0));
    }
  }
  cells = next;
}
let hash: u64 = 0xcbf29ce484222325;
for (let i = 0; i < 60000; i++) hash = rotl((hash ^ <u64>(i & 255)) * 0x100000001b3, 5);
export const result = sum + Math.sin(sum) + <f64>b[100] + <f64>cells[500] + <f64>(hash & 255);
