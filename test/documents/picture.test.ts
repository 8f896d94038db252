import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PICTURE, pictureOf, README } from './picture.ts';

test('the picture of the README shows its session (npm run picture draws it)', () => {
  const readme = readFileSync(README, 'utf8');
  const picture = readFileSync(PICTURE, 'utf8');
  expect(picture).toContain('us-east-2  replied 200');
  expect(picture).toBe(pictureOf(readme));
  expect(pictureOf(readme.replace('npx bank deposit joe 25', 'npx bank deposit joe 26'))).not.toBe(picture);
});
