import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT_FOLDER } from '../../../infra/local/folders.ts';
import { MUTANTS } from './mutants.ts';

test.each(MUTANTS)(
  'the line that a mutant removes exists once: $removes',
  async ({ file, find, replace, caughtBy }) => {
    const text = await readFile(join(PROJECT_FOLDER, file), 'utf8');
    expect(text.split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
    if (caughtBy !== 'simulation') {
      await readFile(join(PROJECT_FOLDER, caughtBy), 'utf8');
    }
  },
);
