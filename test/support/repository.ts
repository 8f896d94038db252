import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Ended, startProgram } from './program.ts';

/** Whatever this machine's user has configured, the repository knows nothing of it. */
const ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  HOME: tmpdir(),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Mike',
  GIT_AUTHOR_EMAIL: 'mike@example.org',
  GIT_COMMITTER_NAME: 'Mike',
  GIT_COMMITTER_EMAIL: 'mike@example.org',
  NO_COLOR: '1',
  NO_UPDATE_NOTIFIER: '1',
};

/** A git repository of its own, with real git. */
export class Repository implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes one with these files in its first commit, on `main`. */
  static async create(files: Readonly<Record<string, string>>): Promise<Repository> {
    const repository = new Repository(await mkdtemp(join(tmpdir(), 'twinbank-repository-')));
    await repository.git('init', '--quiet', '--initial-branch', 'main');
    for (const [path, text] of Object.entries(files)) {
      await repository.write(path, text);
    }
    await repository.git('add', '.');
    await repository.git('commit', '--quiet', '--message', 'Begin');
    return repository;
  }

  read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8');
  }

  async write(path: string, text: string): Promise<void> {
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Runs git, which must succeed, and gives what it prints. */
  async git(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('git', args, { cwd: this.folder, env: ENVIRONMENT });
    return stdout.trim();
  }

  /** Runs a program, and gives how it ended. */
  run(...command: readonly string[]): Promise<Ended> {
    return startProgram(command, { cwd: this.folder, env: ENVIRONMENT }).ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
