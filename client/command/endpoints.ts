import { type EndpointOptions, resolveOptions } from '../options.ts';
import { loadBank, type ReadFile } from './outputs.ts';
import { UsageError } from './usage.ts';

/** What the command line says about the addresses of the bank. */
export interface EndpointSources {
  readonly endpoint?: readonly string[];
  readonly outputs?: string;
  readonly bank?: string;
  readonly region?: string;
}

/** The endpoints of `npm start`, if its ports are not changed. */
export const LOCAL_BANK = 'us-east-1=http://127.0.0.1:3020,us-east-2=http://127.0.0.1:3030';

/**
 * Finds the endpoints of the bank, the preferred one first. Options of the command line come before environment variables, and addresses
 * before an outputs file. Throws {@link UsageError}.
 */
export function findEndpoints(
  { endpoint, outputs, bank, region }: EndpointSources,
  environment: NodeJS.ProcessEnv,
  readFile: ReadFile,
): readonly EndpointOptions[] {
  const listed = outputs === undefined ? environment['BANK_ENDPOINTS'] || undefined : undefined;
  const addresses = endpoint ?? listed?.split(',');
  const file = outputs ?? (addresses === undefined ? environment['BANK_OUTPUTS'] || undefined : undefined);
  if (file !== undefined) {
    const { regions } = loadBank(file, bank, readFile);
    return prefer(
      region,
      regions.map(({ url, region }) => ({ url, region })),
    );
  }
  if (bank !== undefined) {
    throw new UsageError('--bank: expected together with --outputs');
  }
  return prefer(region, (addresses ?? LOCAL_BANK.split(',')).map(readEndpoint));
}

function readEndpoint(text: string): EndpointOptions {
  const [, region, url = text] = /^([a-z0-9-]+)=(.*)$/.exec(text.trim()) ?? [];
  return region === undefined ? { url: url.trim() } : { url, region };
}

/** Moves the endpoint of a Region to the front. The others keep their order. */
function prefer(
  region: string | undefined,
  endpoints: readonly EndpointOptions[],
): readonly EndpointOptions[] {
  if (region === undefined) {
    return endpoints;
  }
  const regions = resolveOptions({ endpoints }).endpoints.map((endpoint) => endpoint.region);
  const first = endpoints[regions.indexOf(region)];
  if (first === undefined) {
    const known = regions.map((each) => each ?? 'an unknown Region').join(' or ');
    throw new UsageError(`--region: expected ${known}, got ${JSON.stringify(region)}`);
  }
  return [first, ...endpoints.filter((endpoint) => endpoint !== first)];
}
