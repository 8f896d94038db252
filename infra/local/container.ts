import {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  ImageName,
  Wait,
} from 'testcontainers';
import { type DynamoDB, dynamodbLocalArguments, type StartDynamoDBOptions } from './database.ts';
import { firstLine, LocalBankError } from './errors.ts';

/** Pinned, so that every checkout of a commit runs the same one. */
const DEFAULT_IMAGE = 'amazon/dynamodb-local:3.3.1';

const PORT = 8000;
const DATABASE_FOLDER = '/twinbank';
/** Says, on a container, which folder of this machine its database is in. */
const FOLDER_LABEL = 'twinbank.database-folder';
const POLL_MS = 250;
const STOP_TIMEOUT_MS = 5_000;

/** Starts DynamoDB Local in a container; null when no container engine answers. */
export async function startContainer(
  options: StartDynamoDBOptions,
  timeoutMs: number,
): Promise<DynamoDB | null> {
  // testcontainers would start a second container, with the engine's socket in it, to clean up after the first. The
  // supervisor does that already.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  const engine = await getContainerRuntimeClient().catch(() => null);
  if (engine === null) {
    return null;
  }

  const image = process.env['DYNAMODB_LOCAL_IMAGE'] || DEFAULT_IMAGE;
  if (!(await engine.image.exists(ImageName.fromString(image)).catch(() => true))) {
    console.error(`Pulling ${image}. This happens once.`);
  }
  const container = new Container(image, engine, options.signal);
  try {
    await configure(container, engine, options.databaseFolder, timeoutMs);
    const started = await Promise.race([container.start(), container.abandoned]);
    const host = onThisMachine(engine) ? '127.0.0.1' : started.getHost();
    return {
      endpoint: `http://${host}:${started.getMappedPort(PORT)}`,
      description: `DynamoDB Local in a container (${image})`,
      pid: null,
      // The engine answers this question when the container ends, or not at all once the engine itself has ended.
      onLost: (callback) => {
        void engine.container.dockerode.getContainer(started.getId()).wait().then(callback, callback);
      },
      stop: async () => {
        await started.stop({ remove: true, removeVolumes: true, timeout: STOP_TIMEOUT_MS });
      },
    };
  } catch (error) {
    await container.discard();
    throw new LocalBankError(
      'container_failed',
      `The container of ${image} did not start (${firstLine(error)}): check the container engine, or set DYNAMODB_LOCAL=jar to use Java.`,
      { cause: error },
    );
  }
}

async function configure(
  container: Container,
  engine: ContainerRuntimeClient,
  databaseFolder: string | null,
  timeoutMs: number,
): Promise<void> {
  container
    .withExposedPorts(PORT)
    .withCommand(dynamodbLocalArguments(PORT, databaseFolder === null ? null : DATABASE_FOLDER))
    .withWaitStrategy(
      Wait.forHttp('/', PORT, { abortOnContainerExit: true })
        .forStatusCode(400)
        .withReadTimeout(POLL_MS)
        .withStartupTimeout(timeoutMs),
    );
  if (databaseFolder === null) {
    return;
  }
  await removeOrphans(engine, databaseFolder);
  container
    .withLabels({ [FOLDER_LABEL]: databaseFolder })
    .withUser(await fileOwner(engine))
    // `z` lets the container in where SELinux would keep it out; everywhere else it means nothing.
    .withBindMounts([{ source: databaseFolder, target: DATABASE_FOLDER, mode: 'z' }]);
}

/**
 * Removes the container of a supervisor that was killed. It can only be that: the folder is claimed by this process, and two
 * DynamoDB Locals on one database file would corrupt it.
 */
async function removeOrphans(engine: ContainerRuntimeClient, databaseFolder: string): Promise<void> {
  const { dockerode } = engine.container;
  const filters = { label: [`${FOLDER_LABEL}=${databaseFolder}`] };
  for (const { Id } of await dockerode.listContainers({ all: true, filters })) {
    await dockerode.getContainer(Id).remove({ force: true, v: true });
  }
}

/** User inside the container whose files are, outside, those of the user who runs this. */
async function fileOwner(engine: ContainerRuntimeClient): Promise<string> {
  const { SecurityOptions } = (await engine.container.dockerode.info()) as {
    SecurityOptions?: readonly string[];
  };
  // A rootless engine maps its user to root inside; any other id inside is no user outside.
  const rootless = SecurityOptions?.some((option) => option.includes('rootless')) ?? false;
  return rootless ? '0:0' : `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
}

function onThisMachine(engine: ContainerRuntimeClient): boolean {
  const { host } = engine.info.containerRuntime;
  return host === 'localhost' || host === '127.0.0.1';
}

class Container extends GenericContainer {
  readonly #engine: ContainerRuntimeClient;
  readonly #signal: AbortSignal;
  #creating = false;
  #id: string | null = null;

  /**
   * Rejects when the start is given up, but not while the engine is creating the container, which could not be removed without its id.
   * That takes a moment; pulling the image before it may take minutes.
   */
  readonly abandoned: Promise<never>;

  constructor(image: string, engine: ContainerRuntimeClient, signal: AbortSignal) {
    super(image);
    this.#engine = engine;
    this.#signal = signal;
    this.abandoned = new Promise((_resolve, reject) => {
      const giveUp = () => {
        if (!this.#creating || this.#id !== null) {
          reject(signal.reason);
        }
      };
      if (signal.aborted) {
        giveUp();
      } else {
        signal.addEventListener('abort', giveUp, { once: true });
      }
    });
    // It may reject before `start` awaits it.
    this.abandoned.catch(() => undefined);
  }

  /** Removes what a failed start left. */
  async discard(): Promise<void> {
    if (this.#id === null) {
      return;
    }
    await this.#engine.container.dockerode
      .getContainer(this.#id)
      .remove({ force: true, v: true })
      .catch(() => undefined);
  }

  protected override beforeContainerCreated(): Promise<void> {
    this.#signal.throwIfAborted();
    this.#creating = true;
    // testcontainers publishes ports on every interface, and only this machine may read the balances. The loopback interface of an
    // engine on another machine cannot be reached.
    if (onThisMachine(this.#engine)) {
      this.hostConfig.PortBindings = { [`${PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: '0' }] };
    }
    return Promise.resolve();
  }

  protected override containerCreated(id: string): Promise<void> {
    this.#id = id;
    this.#signal.throwIfAborted();
    return Promise.resolve();
  }
}
