// Classes, virtual methods, trees, linked lists, closures without state, reference counting or tracing.
abstract class Shape {
  abstract area(): f64;
  grow(by: f64): void {}
}
class Circle extends Shape {
  constructor(private radius: f64) { super(); }
  area(): f64 { return this.radius * this.radius * Math.PI; }
  grow(by: f64): void { this.radius += by; }
}
class Rect extends Shape {
  constructor(private w: f64, private h: f64) { super(); }
  area(): f64 { return this.w * this.h; }
}
class Node {
  left: Node | null = null;
  right: Node | null = null;
  constructor(public key: u32) {}
}
function insert(node: Node | null, key: u32): Node {
  if (!node) return new Node(key);
  if (key < node.key) node.left = insert(node.left, key);
  else node.right = insert(node.right, key);
  return node;
}
function depth(node: Node | null): i32 {
  return node ? 1 + max(depth(node.left), depth(node.right)) : 0;
}
const shapes: Shape[] = [];
for (let i = 0; i < 300; i++) shapes.push(i % 3 ? new Circle(i) : new Rect(i, 2));
let total = 0.0;
for (let round = 0; round < 60; round++) {
  for (let i = 0; i < shapes.length; i++) {
    shapes[i].grow(0.5);
    total += shapes[i].area();
  }
}
let root: Node | null = null;
let seed: u32 = 5;
for (let i = 0; i < 4000; i++) {
  seed = seed * 69069 + 1;
  root = insert(root, seed >> 3);
}
const squares = shapes.map<f64>(s => s.area()).filter(a => a > 50).reduce((a, b) => a + b, 0.0);
export const result = total + squares + depth(root);
