const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
/** y of the points whose order divides 8 (RFC 8032 curve): a key among them verifies what nobody signed. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);

const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  let square = base % P;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
};

/** Whether 32 bytes are one canonical point of the Ed25519 curve of no small order (RFC 8032, 5.1.3). */
export const isEd25519Point = (bytes: Uint8Array): boolean => {
  if (bytes.length !== 32) return false;
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const y = number & (2n ** 255n - 1n);
  if (y >= P || SMALL_ORDER_Y.has(y)) return false;
  const square = (y * y) % P;
  const numerator = (square - 1n + P) % P;
  const denominator = (D * square + 1n) % P;
  return power(numerator * denominator, (P - 1n) / 2n) === 1n;
};
