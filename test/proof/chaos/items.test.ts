import { describe, expect, test } from 'vitest';
import { isKept } from '../../../client/load/check.ts';
import { ItemWatch, MAX_ITEM_BYTES } from './items.ts';

const OLD = Uint8Array.of(1, 200);
const NEW = Uint8Array.of(2, 100);

function brokenIn(looks: readonly (readonly Record<string, unknown>[])[]) {
  const watch = new ItemWatch();
  for (const look of looks.slice(0, -1)) {
    watch.look(look);
  }
  return watch
    .checks(looks.at(-1) ?? [])
    .filter((check) => !isKept(check))
    .map(({ name, broken }) => `${name} ${broken.join()}`);
}

describe('the watch of the heads', () => {
  test('finds nothing where watermarks rise', () => {
    const looks = [
      [{ account: 'joe', balance: 1n }],
      [{ account: 'joe', turned: 10n, watermark: OLD }],
      [{ account: 'joe', turned: 20n, watermark: NEW }],
    ];
    expect(brokenIn(looks)).toEqual([]);
  });

  test.each([
    ['fell', { turned: 10n, watermark: OLD }, 'from 10 and 0264 to 10 and 01c8'],
    ['went', { turned: 10n }, 'from 10 and 0264 to 10 and '],
    ['stayed while entries came back', { turned: 9n, watermark: NEW }, 'from 10 and 0264 to 9 and 0264'],
  ])('finds a watermark that %s', (_, after, says) => {
    const before = { account: 'joe', turned: 10n, watermark: NEW };
    expect(brokenIn([[before], [{ account: 'joe', ...after }]])).toEqual([`I6 joe: ${says}`]);
  });

  test('finds a head that is too large', () => {
    const item = { account: 'joe', entries: ['9'.repeat(MAX_ITEM_BYTES)] };
    expect(brokenIn([[item]])).toEqual([expect.stringMatching(/^I7 joe: \d+ bytes$/)]);
  });
});
