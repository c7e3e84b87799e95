import { join } from 'node:path';
import type { CommandContext } from './context.ts';

/** Where the scenarios of this checkout lie. */
export const scenarioDirectory = ({ project }: CommandContext): string => join(project, 'scenarios');
