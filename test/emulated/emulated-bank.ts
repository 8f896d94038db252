import { type DeployedBank, findBank } from '../../client/command/outputs.ts';
import type { EndpointOptions } from '../../client/index.ts';

/** A bank on the emulator: its name, and how its two Regions are reached. */
export interface EmulatedBank {
  readonly name: string;
  readonly regions: readonly [EmulatedRegion, EmulatedRegion];
}

type EmulatedRegion = Required<EndpointOptions> & { readonly region: string };

/**
 * Finds the bank in the outputs of its deployment. The addresses there have a host name for each API, which no resolver
 * knows; the emulator takes the API's id in the path just as well.
 */
export function emulatedBankOf(outputs: unknown, emulatorUrl: string): EmulatedBank {
  const { name, regions } = findBank(outputs, undefined);
  const reach = ({ region, url }: DeployedBank['regions'][number]): EmulatedRegion => {
    const [apiId = ''] = new URL(url).hostname.split('.');
    return { region, url: `${emulatorUrl}/_aws/execute-api/${apiId}` };
  };
  return { name, regions: [reach(regions[0]), reach(regions[1])] };
}
