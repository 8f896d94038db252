import { type EndpointOptions, resolveOptions } from '../options.ts';
import { loadBank, type ReadFile } from './outputs.ts';
import { UsageError } from './usage.ts';

/** What the command line says about where the bank is. */
export interface Places {
  readonly endpoint?: readonly string[] | undefined;
  readonly outputs?: string | undefined;
  readonly bank?: string | undefined;
  readonly region?: string | undefined;
}

const LOCAL_BANK = 'us-east-1=http://127.0.0.1:3020,us-east-2=http://127.0.0.1:3030';

/**
 * Finds the bank's endpoints, the preferred one first. The command line counts more than the environment, and addresses
 * count more than a file of them.
 */
export function findEndpoints(
  places: Places,
  environment: NodeJS.ProcessEnv,
  readFile: ReadFile,
): readonly EndpointOptions[] {
  const { endpoint, outputs, bank, region } = places;
  if (endpoint !== undefined && outputs !== undefined) {
    throw new UsageError('give either --endpoint or --outputs, not both');
  }
  const addresses = endpoint ?? (outputs === undefined ? listOf(environment['BANK_ENDPOINTS']) : undefined);
  const file = outputs ?? (addresses === undefined ? environment['BANK_OUTPUTS'] || undefined : undefined);
  if (file !== undefined) {
    const { regions } = loadBank(file, bank, readFile);
    return preferring(
      regions.map(({ url, region }) => ({ url, region })),
      region,
    );
  }
  if (bank !== undefined) {
    throw new UsageError('--bank chooses one of the banks of --outputs, which is missing');
  }
  return preferring((addresses ?? LOCAL_BANK.split(',')).map(readEndpoint), region);
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text ? text.split(',') : undefined;
}

function readEndpoint(text: string): EndpointOptions {
  const [, region, url = text] = /^([a-z0-9-]+)=(.*)$/.exec(text.trim()) ?? [];
  return region === undefined ? { url: url.trim() } : { url, region };
}

/** Puts the endpoint of a Region first. The others keep their order. */
function preferring(
  endpoints: readonly EndpointOptions[],
  region: string | undefined,
): readonly EndpointOptions[] {
  if (region === undefined) {
    return endpoints;
  }
  const regions = resolveOptions({ endpoints }).endpoints.map((endpoint) => endpoint.region);
  const first = endpoints[regions.indexOf(region)];
  if (first === undefined) {
    throw new UsageError(
      `--region: the bank has no endpoint in ${JSON.stringify(region)}, only in ${regions.map((each) => each ?? 'an unknown Region').join(' and ')}`,
    );
  }
  return [first, ...endpoints.filter((endpoint) => endpoint !== first)];
}
