import { writeFile } from 'node:fs/promises';
import { openApiText } from './document.ts';

/** The program behind `npm run openapi`: writes the document that is checked in and served by the local bank. */
const file = new URL('../../client/openapi.json', import.meta.url);
await writeFile(file, openApiText());
