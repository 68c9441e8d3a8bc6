import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunOptions { cwd?: string; env?: NodeJS.ProcessEnv; onLine?: (line: string) => void }

/** Runs a program to its end without blocking, and hands over each line that it prints. A status other than 0 is an error with its last lines. */
export function runProgram(command: string, args: readonly string[], { cwd, env = process.env, onLine = () => undefined }: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], ...(cwd !== undefined && { cwd }) });
    const last: string[] = [];
    let stdout = '';
    const hear = (line: string): void => {
      last.push(line);
      if (last.length > 15) last.shift();
      onLine(line);
    };
    createInterface(child.stderr).on('line', hear);
    createInterface(child.stdout).on('line', (line) => { stdout += `${line}\n`; hear(line); });
    child.once('error', (error) => { reject(new Error(`${command} could not be started: ${error.message}`)); });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${command} ${args[0] ?? ''} ended with ${signal ?? `status ${code ?? '?'}`}:\n${last.join('\n')}`));
    });
  });
}
