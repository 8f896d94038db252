import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { buildCommand } from '../support/bank-command.ts';
import { type Bundle, bundleForBrowsers, type Chunk } from './bundle.ts';

/** Most bytes that a web page loads before it signs a request: 36 KB, or 13 KB compressed. */
const MAX_BYTES = 36_000;
const MAX_GZIPPED_BYTES = 13_000;

/** Most bytes of the bank for tests in the package. It had 137 KB at first. */
const MAX_TESTING_BYTES = 150_000;

let bundle: Bundle;
beforeAll(async () => {
  await buildCommand();
  bundle = await bundleForBrowsers(join(PROJECT_FOLDER, 'client'));
});

describe('the client, bundled for a page', () => {
  test('is below 36 KB minified and 13 KB gzipped without the signer', () => {
    console.log([bundle.entry, ...bundle.later].map(describeChunk).join('\n'));
    expect(bundle.entry.bytes).toBeGreaterThan(1000);
    expect(bundle.entry.bytes).toBeLessThan(MAX_BYTES);
    expect(bundle.entry.gzippedBytes).toBeLessThan(MAX_GZIPPED_BYTES);
  });

  test('holds the client alone; what signs is in a chunk of its own, and what makes schemas in none', () => {
    expect(Object.keys(bundle.entry.parts)).toEqual(['twinbank-client']);
    expect(bundle.later.map(({ parts }) => Object.keys(parts))).toEqual([['aws4fetch']]);
  });
});

test('the bank for tests is one file below 150 KB, which imports the client and of Node only hashes', async () => {
  const text = await readFile(join(PROJECT_FOLDER, 'client/dist/testing/index.js'), 'utf8');
  const imported = [...text.matchAll(/(?:^import|^export|\bimport\().*?["']([^"'\n]+)["']\)?;$/gm)];
  expect(imported.map(([, name]) => name).sort()).toEqual(['../index.js', 'node:crypto']);
  expect(text.length).toBeLessThan(MAX_TESTING_BYTES);
});

function describeChunk({ name, bytes, gzippedBytes, parts }: Chunk): string {
  const listed = Object.entries(parts).map(([part, partBytes]) => `${part} ${partBytes}`);
  return `${name}: ${bytes} bytes minified, ${gzippedBytes} gzipped (${listed.join(', ')})`;
}
