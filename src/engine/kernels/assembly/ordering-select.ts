// Elements chosen by their rank. Which of equal elements is chosen is up to the algorithm, so these are the ones of
// PyTorch on the CPU: its quick select, and `nth_element`, `partial_sort` and `sort` of the C++ library (introselect,
// heaps, introsort), with the same pivots. A line is n pairs: its elements in `v`, their places (u32) in `w`.
import { at, put, bytes } from './element';
import { sortPlaces } from './ordering-sort';

@inline function isNaNOf<T>(x: T): bool {
  return isFloat<T>() ? x != x : false;
}

class Ascending<T> {
  @inline before(a: T, b: T): bool { return a < b || (isNaNOf<T>(b) && !isNaNOf<T>(a)); }
}

class Descending<T> {
  @inline before(a: T, b: T): bool { return a > b || (isNaNOf<T>(a) && !isNaNOf<T>(b)); }
}

/** As `<`: NaN is neither before nor behind anything. */
class Plain<T> {
  @inline before(a: T, b: T): bool { return a < b; }
}

@inline function swap<T>(v: usize, w: usize, i: i32, j: i32): void {
  const x = at<T>(v, i), place = at<u32>(w, i);
  move<T>(v, w, i, j);
  put<T>(v, j, x);
  put<u32>(w, j, place);
}

@inline function move<T>(v: usize, w: usize, to: i32, from: i32): void {
  put<T>(v, to, at<T>(v, from));
  put<u32>(w, to, at<u32>(w, from));
}

@inline function fillLine<T>(v: usize, w: usize, a: usize, pitch: usize, n: i32): void {
  for (let i = 0; i < n; i++, a += pitch) {
    put<T>(v, i, load<T>(a));
    put<u32>(w, i, i);
  }
}

@inline function log2(n: i32): i32 {
  return 31 - clz(n);
}

function insertionSort<T, OP>(v: usize, w: usize, first: i32, last: i32): void {
  const op = changetype<OP>(0);
  for (let i = first + 1; i < last; i++) {
    const x = at<T>(v, i), place = at<u32>(w, i);
    const least = op.before(x, at<T>(v, first));
    let j = i;
    while (j > first && (least || op.before(x, at<T>(v, j - 1)))) {
      move<T>(v, w, j, j - 1);
      j--;
    }
    put<T>(v, j, x);
    put<u32>(w, j, place);
  }
}

/** The elements before the median of three, then the others; the place where these begin. */
function partition<T, OP>(v: usize, w: usize, first: i32, last: i32): i32 {
  const op = changetype<OP>(0);
  medianToFirst<T, OP>(v, w, first, first + 1, first + (last - first) / 2, last - 1);
  const pivot = at<T>(v, first), start = first, end = last;
  first++;
  while (true) {
    while (first < end && op.before(at<T>(v, first), pivot)) first++;
    last--;
    while (last > start && op.before(pivot, at<T>(v, last))) last--;
    if (first >= last) return first;
    swap<T>(v, w, first, last);
    first++;
  }
}

@inline function medianToFirst<T, OP>(v: usize, w: usize, to: i32, a: i32, b: i32, c: i32): void {
  const op = changetype<OP>(0), x = at<T>(v, a), y = at<T>(v, b), z = at<T>(v, c);
  let median = b;
  if (op.before(x, y)) {
    if (!op.before(y, z)) median = op.before(x, z) ? c : a;
  } else if (op.before(x, z)) median = a;
  else if (op.before(y, z)) median = c;
  swap<T>(v, w, to, median);
}

/** Puts a pair where it belongs in a heap of `length` from `first` on, below the hole. */
function sift<T, OP>(v: usize, w: usize, first: i32, hole: i32, length: i32, x: T, place: u32): void {
  const op = changetype<OP>(0), top = hole;
  let child = hole;
  while (child < (length - 1) / 2) {
    child = 2 * (child + 1);
    if (op.before(at<T>(v, first + child), at<T>(v, first + child - 1))) child--;
    move<T>(v, w, first + hole, first + child);
    hole = child;
  }
  if (!(length & 1) && child == (length - 2) / 2) {
    child = 2 * child + 1;
    move<T>(v, w, first + hole, first + child);
    hole = child;
  }
  let parent = (hole - 1) / 2;
  while (hole > top && op.before(at<T>(v, first + parent), x)) {
    move<T>(v, w, first + hole, first + parent);
    hole = parent;
    parent = (hole - 1) / 2;
  }
  put<T>(v, first + hole, x);
  put<u32>(w, first + hole, place);
}

/** Takes the top of the heap to `to` and what was there into the heap. */
@inline function popHeap<T, OP>(v: usize, w: usize, first: i32, length: i32, to: i32): void {
  const x = at<T>(v, to), place = at<u32>(w, to);
  move<T>(v, w, to, first);
  sift<T, OP>(v, w, first, 0, length, x, place);
}

/** A heap of the first elements of the order, from `first` to `middle`. */
function heapSelect<T, OP>(v: usize, w: usize, first: i32, middle: i32, last: i32): void {
  const op = changetype<OP>(0), length = middle - first;
  for (let parent = (length - 2) / 2; length > 1 && parent >= 0; parent--) {
    sift<T, OP>(v, w, first, parent, length, at<T>(v, first + parent), at<u32>(w, first + parent));
  }
  for (let i = middle; i < last; i++) {
    if (op.before(at<T>(v, i), at<T>(v, first))) popHeap<T, OP>(v, w, first, length, i);
  }
}

function partialSort<T, OP>(v: usize, w: usize, first: i32, middle: i32, last: i32): void {
  heapSelect<T, OP>(v, w, first, middle, last);
  while (middle - first > 1) {
    middle--;
    popHeap<T, OP>(v, w, first, middle - first, middle);
  }
}

function nthElement<T, OP>(v: usize, w: usize, nth: i32, n: i32): void {
  let first = 0, last = n, depth = 2 * log2(n);
  while (last - first > 3) {
    if (depth-- == 0) {
      heapSelect<T, OP>(v, w, first, nth + 1, last);
      swap<T>(v, w, first, nth);
      return;
    }
    const cut = partition<T, OP>(v, w, first, last);
    if (cut <= nth) first = cut;
    else last = cut;
  }
  insertionSort<T, OP>(v, w, first, last);
}

/** At most 2 log2 n calls deep. */
function introsort<T, OP>(v: usize, w: usize, first: i32, last: i32, depth: i32): void {
  while (last - first > 16) {
    if (depth == 0) return partialSort<T, OP>(v, w, first, last, last);
    depth--;
    const cut = partition<T, OP>(v, w, first, last);
    introsort<T, OP>(v, w, cut, last, depth);
    last = cut;
  }
}

function sortPairs<T, OP>(v: usize, w: usize, n: i32): void {
  if (n < 2) return;
  introsort<T, OP>(v, w, 0, n, 2 * log2(n));
  insertionSort<T, OP>(v, w, 0, n);
}

/** PyTorch's quick select: the k-th element comes to place k. False where it would take too many rounds. */
function quickSelect<T>(v: usize, w: usize, n: i32, k: i32): bool {
  const op = changetype<Ascending<T>>(0);
  let left = 0, right = n - 1;
  for (let rounds = 8 * log2(n) + 64; rounds > 0; rounds--) {
    if (right <= left) return true;
    if (right == left + 1) {
      if (op.before(at<T>(v, right), at<T>(v, left))) swap<T>(v, w, left, right);
      return true;
    }
    swap<T>(v, w, left + (right - left) / 2, left + 1);
    if (op.before(at<T>(v, right), at<T>(v, left + 1))) swap<T>(v, w, left + 1, right);
    if (op.before(at<T>(v, right), at<T>(v, left))) swap<T>(v, w, left, right);
    if (op.before(at<T>(v, left), at<T>(v, left + 1))) swap<T>(v, w, left + 1, left);
    let i = left + 1, j = right;
    const pivot = at<T>(v, left);
    while (true) {
      do i++; while (op.before(at<T>(v, i), pivot));
      do j--; while (op.before(pivot, at<T>(v, j)));
      if (j < i) break;
      swap<T>(v, w, i, j);
    }
    swap<T>(v, w, left, j);
    if (j <= k) left = i;
    if (j >= k) right = j - 1;
  }
  return false;
}

/** The place of the k-th element of a line. */
function kthPlace<T>(a: usize, pitch: usize, scratch: usize, n: i32, k: i32): u32 {
  const w = scratch + bytes<u64>(n);
  fillLine<T>(scratch, w, a, pitch, n);
  if (quickSelect<T>(scratch, w, n, k)) return at<u32>(w, k);
  return load<u32>(sortPlaces<T>(a, pitch, n, 0, scratch) + (<usize>k << 3));
}

/** The median's place in a stable order; that of the first NaN where there is one and it counts. */
function medianPlace<T>(a: usize, pitch: usize, scratch: usize, n: i32, ignore: bool): u32 {
  const w = scratch + bytes<u64>(n);
  let nans = 0;
  if (isFloat<T>()) {
    for (let i = 0; i < n; i++) {
      if (!isNaNOf<T>(load<T>(a + pitch * i))) continue;
      if (!ignore) return i;
      nans++;
    }
  }
  const nth = max(0, n - nans - 1) / 2;
  fillLine<T>(scratch, w, a, pitch, n);
  nthElement<T, Ascending<T>>(scratch, w, nth, n);
  return stablePlace<T>(at<T>(scratch, nth), a, pitch, n, nth);
}

/** Where a stable sort would find its nth element, which is equal to x. */
function stablePlace<T>(x: T, a: usize, pitch: usize, n: i32, nth: i32): u32 {
  const op = changetype<Ascending<T>>(0);
  let equal = nth, i = -1;
  for (let j = 0; j < n; j++) equal -= <i32>op.before(load<T>(a + pitch * j), x);
  do {
    i++;
    const y = load<T>(a + pitch * i);
    equal -= <i32>(!op.before(x, y) && !op.before(y, x));
  } while (equal >= 0);
  return i;
}

/** The place of the most frequent element of a line, the least of them: its last one. */
function modePlace<T>(a: usize, pitch: usize, scratch: usize, n: i32): u32 {
  const w = scratch + bytes<u64>(n);
  fillLine<T>(scratch, w, a, pitch, n);
  sortPairs<T, Plain<T>>(scratch, w, n);
  let best = 0, most = 0, run = 0;
  for (let i = 0; i < n; i++) {
    run++;
    if (i < n - 1 && at<T>(scratch, i) == at<T>(scratch, i + 1)) continue;
    if (run > most) {
      most = run;
      best = i;
    }
    run = 0;
  }
  return at<u32>(w, best);
}

/** Writes the element of a line that stands at a place, and the place; `values` and `indices` may be 0. */
@inline function give<T>(values: usize, indices: usize, i: i32, line: usize, pitch: usize, place: u32): void {
  if (values) put<T>(values, i, load<T>(line + pitch * place));
  if (indices) put<i64>(indices, i, place);
}

/**
 * The k-th of the elements in ascending order (from 0) of [outer, n, inner] over n. `scratch` of all functions here is
 * that of `sort`. @kernel number
 */
export function kth<T>(
  values: usize, indices: usize, a: usize, scratch: usize, outer: i32, n: i32, inner: i32, k: i32,
): void {
  const pitch = bytes<T>(inner);
  for (let o = 0, at = 0; o < outer; o++, a += pitch * n) {
    for (let i = 0; i < inner; i++, at++) {
      const line = a + bytes<T>(i);
      give<T>(values, indices, at, line, pitch, kthPlace<T>(line, pitch, scratch, n, k));
    }
  }
}

/** The lower median; NaN where there is one, unless it is to be ignored. @kernel number */
export function median<T>(
  values: usize, indices: usize, a: usize, scratch: usize, outer: i32, n: i32, inner: i32, ignore: i32,
): void {
  const pitch = bytes<T>(inner);
  for (let o = 0, at = 0; o < outer; o++, a += pitch * n) {
    for (let i = 0; i < inner; i++, at++) {
      const line = a + bytes<T>(i);
      give<T>(values, indices, at, line, pitch, medianPlace<T>(line, pitch, scratch, n, ignore != 0));
    }
  }
}

/** The most frequent element. @kernel all */
export function mode<T>(
  values: usize, indices: usize, a: usize, scratch: usize, outer: i32, n: i32, inner: i32,
): void {
  const pitch = bytes<T>(inner);
  for (let o = 0, at = 0; o < outer; o++, a += pitch * n) {
    for (let i = 0; i < inner; i++, at++) {
      const line = a + bytes<T>(i);
      give<T>(values, indices, at, line, pitch, modePlace<T>(line, pitch, scratch, n));
    }
  }
}

/** The first k of a line in the order of OP, at the beginning of the scratch. */
function first<T, OP>(v: usize, w: usize, n: i32, k: i32, sorted: i32): void {
  if (<i64>k * 64 <= n) return partialSort<T, OP>(v, w, 0, k, n);
  nthElement<T, OP>(v, w, k - 1, n);
  if (sorted) sortPairs<T, OP>(v, w, k - 1);
}

/** The k largest or smallest elements of [outer, n, inner] over n, in order. @kernel number */
export function topk<T>(
  values: usize, indices: usize, a: usize, scratch: usize,
  outer: i32, n: i32, inner: i32, k: i32, largest: i32, sorted: i32,
): void {
  const pitch = bytes<T>(inner), w = scratch + bytes<u64>(n);
  if (k == 0) return;
  for (let o = 0; o < outer; o++, a += pitch * n, values += pitch * k, indices += bytes<i64>(inner) * k) {
    for (let i = 0; i < inner; i++) {
      fillLine<T>(scratch, w, a + bytes<T>(i), pitch, n);
      if (largest) first<T, Descending<T>>(scratch, w, n, k, sorted);
      else first<T, Ascending<T>>(scratch, w, n, k, sorted);
      for (let j = 0, to = i; j < k; j++, to += inner) {
        put<T>(values, to, at<T>(scratch, j));
        put<i64>(indices, to, at<u32>(w, j));
      }
    }
  }
}
