// Arrays of numbers: sorting, searching, sieving.
let seed: u32 = 1;
function next(): u32 {
  seed = seed * 1664525 + 1013904223;
  return seed >> 4;
}

function quick(a: Int32Array, low: i32, high: i32): void {
  if (low >= high) return;
  const pivot = a[(low + high) >> 1];
  let i = low, j = high;
  while (i <= j) {
    while (a[i] < pivot) i++;
    while (a[j] > pivot) j--;
    if (i <= j) {
      const t = a[i];
      a[i++] = a[j];
      a[j--] = t;
    }
  }
  quick(a, low, j);
  quick(a, i, high);
}

const numbers = new Int32Array(20000);
for (let i = 0; i < numbers.length; i++) numbers[i] = next();
quick(numbers, 0, numbers.length - 1);
const list: f64[] = [];
for (let i = 0; i < 5000; i++) list.push(<f64>next() / 1000.0);
list.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const sieve = new Array<bool>(20000);
let primes = 0;
for (let i = 2; i < sieve.length; i++) {
  if (sieve[i]) continue;
  primes++;
  for (let j = i + i; j < sieve.length; j += i) sieve[j] = true;
}
export const result = numbers[77] + <i32>list[9] + primes;
