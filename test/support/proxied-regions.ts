import { BankClient } from '../../client/index.ts';
import { createLab } from './dynamodb-lab.ts';
import { type FaultProxy, PASS, startFaultProxy } from './fault-proxy.ts';
import { startHttpRegion } from './http-region.ts';

export type ProxiedRegions = Awaited<ReturnType<typeof startProxiedRegions>>;

/** A bank on a real DynamoDB whose two Regions are behind networks that fail on command. */
export async function startProxiedRegions() {
  const lab = await createLab();
  const start = async (name: string) => {
    const region = await startHttpRegion(name, lab.store, () => Date.now());
    return { region, proxy: await startFaultProxy(region.url) };
  };
  const [one, two] = await Promise.all([start('us-east-1'), start('us-east-2')]);
  const proxies = [one.proxy, two.proxy];
  /** Makes both networks do the same. */
  const decide = (next: FaultProxy['decide']) => {
    for (const proxy of proxies) {
      proxy.decide = next;
    }
  };
  return {
    lab,
    /** The network before us-east-1, and that before us-east-2. */
    east: one.proxy,
    west: two.proxy,
    urls: proxies.map(({ url }) => url),
    decide,
    /** Lets everything through again, and clears the list of requests to DynamoDB. */
    heal: () => {
      decide(() => PASS);
      lab.requests.length = 0;
    },
    [Symbol.asyncDispose]: async () => {
      const all = [...proxies, one.region, two.region];
      await Promise.all(all.map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

/** A client that gives up no attempt on a busy machine: the next attempt would be a replay. */
export function patientClient({ urls: [east = '', west = ''] }: ProxiedRegions): BankClient {
  return new BankClient({
    endpoints: [
      { url: east, region: 'us-east-1' },
      { url: west, region: 'us-east-2' },
    ],
    attemptTimeoutMs: 20_000,
    callTimeoutMs: 60_000,
  });
}
