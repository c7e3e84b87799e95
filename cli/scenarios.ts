import { join, resolve } from 'node:path';
import type { CommandContext } from './context.ts';

/** Where the scenarios lie: those of `--scenarios`, otherwise of this checkout. */
export const scenarioDirectory = ({ project }: CommandContext, named?: string): string =>
  named === undefined ? join(project, 'scenarios') : resolve(named);
