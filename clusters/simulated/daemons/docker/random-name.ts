/** Some of the names that moby gives (moby/internal/namesgenerator). */
const LEFT =
  'admiring bold clever dreamy eager festive gallant happy inspiring jolly keen loving mystifying nifty objective peaceful quirky relaxed serene tender upbeat vibrant wizardly zen'.split(
    ' ',
  );
const RIGHT =
  'babbage curie darwin euclid franklin galileo hopper jepsen kepler lovelace meitner noether pasteur ritchie shannon tesla turing villani wozniak yonath'.split(
    ' ',
  );

/** A container's name that nobody gave: the same for the same id, of hexadecimal digits. */
export function randomName(id: string): string {
  const number = (at: number): number => Number.parseInt(id.slice(at, at + 8), 16);
  return `${LEFT[number(0) % LEFT.length]}_${RIGHT[number(8) % RIGHT.length]}`;
}
