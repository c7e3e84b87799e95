import type { Image } from '../images/image.ts';
import type { ModelContext } from '../images/models/model.ts';
import type { OwnServer } from '../images/models/program.ts';
import { IMAGE_PROGRAMS } from '../images/models/programs.ts';
import { HostName } from '../../../protocol/host.ts';
import { serveCommands } from '../hosts/host-commands.ts';
import type { Command } from '../hosts/simulated-host.ts';
import { commandClientSource } from '../hosts/supervisor-source.ts';
import { machineMounts } from './machine-programs.ts';
import type { ImageCommands, LaunchMount } from './sandbox.ts';

const FOLDER = '/usr/local/lib/breachlab';
const CLIENT = `${FOLDER}/command`;
const PERL = `${FOLDER}/perl`;
/** Where the client finds the lab. */
export const COMMAND_SOCKET = `${FOLDER}/socket`;

const programsOf = (image: Image) => Object.entries(IMAGE_PROGRAMS[image.repository] ?? {});

const clientMounts = (): readonly LaunchMount[] => machineMounts(new Map([[PERL, '/usr/bin/perl']]));

/** Whether that is a modelled program of an image which this machine has nothing to call with. */
export const cannotBeCalled = (program: string, image: Image): boolean =>
  programsOf(image).some(([path]) => path.split('/').at(-1) === program) && clientMounts().length === 0;

/** The programs that `context` and `server` are for; undefined where an image has none, or this machine nothing to call them with. */
export function imageCommands(
  image: Image,
  context: Omit<ModelContext, 'log'>,
  server: () => Promise<OwnServer | undefined>,
  fault: (error: unknown) => void,
): ImageCommands | undefined {
  const programs = programsOf(image);
  const mounts = clientMounts();
  if (programs.length === 0 || mounts.length === 0) return undefined;
  const client = commandClientSource().replace(/^#!.*/, `#!${PERL}`);
  const run = new Map(
    programs.map(([path, program]): [string, Command] => [
      path.split('/').at(-1) ?? '',
      async (call) => program(call, { ...context, server: await server() }),
    ]),
  );
  return {
    serve: (calls, node) => serveCommands(calls, HostName.parse(node), run, fault),
    mounts,
    files: [
      { kind: 'file', path: CLIENT, mode: 0o755, data: client },
      ...programs.map(([path]) => ({ kind: 'link', path, mode: 0, data: CLIENT }) as const),
    ],
  };
}
