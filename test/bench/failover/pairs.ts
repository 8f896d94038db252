import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Configuration, FUNCTION_TIMEOUT_MS } from '../../../infra/configuration.ts';
import { readConfiguration } from '../../../infra/local/configuration.ts';
import { freePorts } from '../../../infra/local/free-ports.ts';
import { Keeper } from '../../../infra/local/keeper.ts';
import { Region } from '../../../infra/local/region.ts';
import { createTables } from '../../../infra/local/tables.ts';
import { functionNames, type TableNames } from '../../../infra/names.ts';
import { dropTables } from '../../chaos/tables.ts';
import { all } from './all.ts';

/** Two Regions of the bank, one of which something befalls. */
export interface Pair {
  readonly preferred: Region;
  readonly other: Region;
}

export interface PairsOptions {
  /** Name of the tables' prefix, which nobody else uses: a DynamoDB that was running already may serve others as well. */
  readonly prefix: string;
  /** Folder for logs. */
  readonly folder: string;
  readonly onLost: (error: Error) => void;
  readonly signal: AbortSignal;
}

/**
 * Pairs of Regions, which can suffer different things at once. Each is what `npm start` runs, and all are on one DynamoDB
 * with one pair of tables: three of them took 12 s to start on two cores, where one takes 4, and would be in each other's way.
 */
export class Pairs {
  readonly #options: PairsOptions;
  readonly #keeper: Keeper;
  readonly #regionNames: Configuration['regions'];
  readonly #tables: TableNames;
  readonly #regions: Region[] = [];

  private constructor(
    options: PairsOptions,
    keeper: Keeper,
    regionNames: Configuration['regions'],
    tables: TableNames,
  ) {
    this.#options = options;
    this.#keeper = keeper;
    this.#regionNames = regionNames;
    this.#tables = tables;
  }

  /** Starts DynamoDB and makes the tables. Whatever goes wrong, nothing is left running. */
  static async start(options: PairsOptions): Promise<Pairs> {
    const { regions } = await readConfiguration();
    const keeper = await Keeper.start({ dataFolder: null }, options.signal);
    try {
      keeper.onLost(options.onLost);
      const tables = await createTables({ endpoint: keeper.endpoint, prefix: options.prefix });
      return new Pairs(options, keeper, regions, tables);
    } catch (error) {
      await keeper.stop();
      throw error;
    }
  }

  /** Starts two Regions. They are stopped with the rest, whether or not both start. */
  async open(name: string, bundleFile: string): Promise<Pair> {
    const folder = join(this.#options.folder, name);
    await mkdir(folder);
    const ports = await freePorts();
    const [preferred, other] = this.#regionNames;
    const [first, second] = [
      this.#region({ region: preferred, port: ports[0], bundleFile, folder }),
      this.#region({ region: other, port: ports[1], bundleFile, folder }),
    ];
    this.#options.signal.throwIfAborted();
    this.#regions.push(first, second);
    await all([first.start(), second.start()]);
    return { preferred: first, other: second };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#regions.map((region) => region.stop()));
    await dropTables(this.#keeper.endpoint, this.#tables);
    await this.#keeper.stop();
  }

  #region({ region, port, bundleFile, folder }: RegionPlace): Region {
    const { prefix } = this.#options;
    return new Region({
      serve: {
        region,
        port,
        bundleFile,
        functionName: functionNames(prefix).api,
        timeoutMs: FUNCTION_TIMEOUT_MS,
      },
      keeper: this.#keeper,
      bank: prefix,
      tables: this.#tables,
      logFile: join(folder, `${region}.log`),
      onChange: () => undefined,
    });
  }
}

interface RegionPlace {
  readonly region: string;
  readonly port: number;
  readonly bundleFile: string;
  readonly folder: string;
}
