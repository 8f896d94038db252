import { describe, expect, it } from 'vitest';
import { ItemWatch, isPromiseKept, MAX_ITEM_BYTES } from './items.ts';

const OLD = '0198c5a0-7e57-7abc-8def-0123456789ab';
const NEW = '0198c5a0-7e58-7abc-8def-0123456789ab';

function brokenIn(
  looks: readonly (readonly Record<string, unknown>[])[],
  archived: Record<string, unknown>[] = [],
) {
  const watch = new ItemWatch();
  for (const look of looks.slice(0, -1)) watch.look(look);
  return watch
    .checks(looks.at(-1) ?? [], archived)
    .filter((check) => !isPromiseKept(check))
    .map(({ name, broken }) => `${name} ${broken.join()}`);
}

describe('the watch of the items', () => {
  it('finds nothing where watermarks rise', () => {
    const looks = [
      [{ account: 'joe', balance: 1n }],
      [{ account: 'joe', watermark: OLD }],
      [{ account: 'joe', watermark: NEW }],
    ];
    expect(brokenIn(looks, [{ account: 'joe', key: OLD }])).toEqual([]);
  });

  it('finds a watermark that fell, or went', () => {
    expect(brokenIn([[{ account: 'joe', watermark: NEW }], [{ account: 'joe', watermark: OLD }]])).toEqual([
      `I6 joe: from ${NEW} to ${OLD}`,
    ]);
    expect(brokenIn([[{ account: 'joe', watermark: NEW }], [{ account: 'joe' }]])).toEqual([
      `I6 joe: from ${NEW} to none`,
    ]);
  });

  it('finds an archived reply whose key could be executed again', () => {
    expect(brokenIn([[{ account: 'joe', watermark: OLD }]], [{ account: 'joe', key: NEW }])).toEqual([
      `I6 joe: ${NEW} was archived above the watermark`,
    ]);
    // Between the two steps of moving it, it is in both places.
    expect(brokenIn([[{ account: 'joe', [`reply:${NEW}`]: 5n }]], [{ account: 'joe', key: NEW }])).toEqual(
      [],
    );
    expect(brokenIn([[{ account: 'joe' }]], [{ account: '#sweep', key: '0' }])).toEqual([]);
  });

  it('finds an item that is too large', () => {
    const item = { account: 'joe', watermark: '9'.repeat(MAX_ITEM_BYTES) };
    expect(brokenIn([[item]])).toEqual([expect.stringMatching(/^I7 joe: \d+ bytes$/)]);
  });
});
