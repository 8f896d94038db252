import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the project. */
export const PROJECT_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/** Where the jar is kept for every bank. Git ignores it. */
export const DATA_FOLDER = join(PROJECT_FOLDER, '.twinbank');
