import { readFile } from 'node:fs/promises';
import { type Configuration, resolveConfiguration } from '../configuration.ts';

/** The configuration in cdk.json, which the local bank takes its name and its Regions from. */
export async function readConfiguration(): Promise<Configuration> {
  const cdk = JSON.parse(await readFile(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
    context: { twinbank: unknown };
  };
  return resolveConfiguration({ context: cdk.context.twinbank });
}
