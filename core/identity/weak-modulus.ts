const primesBelow = (limit: number): readonly number[] => {
  const primes: number[] = [];
  for (let candidate = 2; candidate < limit; candidate += 1) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
};

const SMALL_PRIMES = primesBelow(1_000).map(BigInt);
/** The primes whose product Infineon's generator worked modulo; keys of every length share these. */
const ROCA_PRIMES = primesBelow(168);

/** Remainders that powers of 65537 leave modulo a prime: the only ones a ROCA modulus has. */
const powersOf65537 = (prime: number): ReadonlySet<number> => {
  const remainders = new Set<number>();
  for (let power = 1 % prime; !remainders.has(power); power = (power * (65_537 % prime)) % prime) remainders.add(power);
  return remainders;
};

const ROCA_REMAINDERS = ROCA_PRIMES.map((prime) => ({ prime: BigInt(prime), remainders: powersOf65537(prime) }));

/**
 * Whether a modulus has the structure of keys from Infineon's faulty library (CVE-2017-15361): it then is a power of 65537 modulo each
 * small prime, which one of a hundred million others is by chance.
 */
const isRoca = (modulus: bigint): boolean =>
  ROCA_REMAINDERS.every(({ prime, remainders }) => remainders.has(Number(modulus % prime)));

const bitsOf = (value: bigint): number => value.toString(16).length * 4;

/** The largest number whose square is not above `value`. */
const squareRoot = (value: bigint): bigint => {
  if (value === 0n) return 0n;
  let root = 1n << BigInt(Math.ceil(bitsOf(value) / 2));
  for (let next = (root + value / root) >> 1n; next < root; next = (root + value / root) >> 1n) root = next;
  return root;
};

const FERMAT_ROUNDS = 100;
/** A square leaves one of few remainders modulo these; most others need no root to be told apart. */
const SQUARE_FILTERS = [64, 63, 65, 11].map((modulus) => ({
  modulus: BigInt(modulus),
  remainders: new Set(Array.from({ length: modulus }, (_, value) => (value * value) % modulus)),
}));

const isSquare = (value: bigint): boolean => {
  if (!SQUARE_FILTERS.every(({ modulus, remainders }) => remainders.has(Number(value % modulus)))) return false;
  const root = squareRoot(value);
  return root * root === value;
};

/** Whether its two factors lie so close together that Fermat's method finds them at once (CVE-2022-26320). */
const hasCloseFactors = (modulus: bigint): boolean => {
  const root = squareRoot(modulus);
  let middle = root * root === modulus ? root : root + 1n;
  for (let round = 0; round < FERMAT_ROUNDS; round += 1, middle += 1n) {
    if (isSquare(middle * middle - modulus)) return true;
  }
  return false;
};

/**
 * Why an RSA modulus (base64url, as in a JWK) is known to be weak whatever its length; `null` if it is not. Costs a few milliseconds:
 * for those who take keys in, not for the path of a request.
 */
export const weakModulus = (n: string): string | null => {
  const modulus = BigInt(`0x0${Buffer.from(n, 'base64url').toString('hex')}`);
  if (SMALL_PRIMES.some((prime) => modulus % prime === 0n)) return 'has a small factor: this is no RSA modulus';
  if (isRoca(modulus)) {
    return 'has the structure of keys that can be factored (ROCA, CVE-2017-15361): generate a new key elsewhere';
  }
  if (hasCloseFactors(modulus)) return 'has two factors close together, so that anybody finds them: generate a new key';
  return null;
};
