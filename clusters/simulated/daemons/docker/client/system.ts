import { z } from 'zod';
import { renderTemplate } from '../../go-template/render.ts';
import { humanSize } from '../../human-size.ts';
import { DOCKER_API, DOCKER_VERSION } from '../versions.ts';
import { lastFlag } from './flags.ts';
import { ask, type DockerRequest, printRows } from './verb.ts';

const Info = z.looseObject({
  Containers: z.number(),
  ContainersRunning: z.number(),
  ContainersStopped: z.number(),
  Images: z.number(),
  ServerVersion: z.string(),
  Driver: z.string(),
  Name: z.string(),
  Architecture: z.string(),
  LoggingDriver: z.string(),
  CgroupDriver: z.string(),
  DockerRootDir: z.string(),
  Debug: z.boolean(),
  ExperimentalBuild: z.boolean(),
  LiveRestoreEnabled: z.boolean(),
  SecurityOptions: z.array(z.string()),
});

/** docker/cli cli/command/system/info.go, the lines that a lab knows. */
export async function showInfo({ call, client, flags }: DockerRequest): Promise<number> {
  const info = await ask(client, Info, 'GET', '/info');
  const format = lastFlag(flags, 'format');
  if (format !== undefined) {
    await call.stdout(`${format === 'json' ? JSON.stringify(info) : renderTemplate(format, info)}\n`);
    return 0;
  }
  const options = info.SecurityOptions.flatMap((option) => {
    const [name = '', ...rest] = option.split(',').map((one) => one.split('='));
    return [
      `  ${name[1] ?? ''}`,
      ...rest.map(([key = '', value = '']) => `   ${key[0]?.toUpperCase()}${key.slice(1)}: ${value}`),
    ];
  });
  const lines = [
    'Client: Docker Engine - Community',
    ` Version:    ${DOCKER_VERSION}`,
    ' Context:    default',
    ' Debug Mode: false',
    '',
    'Server:',
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    '  Paused: 0',
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Storage Driver: ${info.Driver}`,
    ` Logging Driver: ${info.LoggingDriver}`,
    ` Cgroup Driver: ${info.CgroupDriver}`,
    ' Cgroup Version: 2',
    ' Security Options:',
    ...options,
    ' OSType: linux',
    ` Architecture: ${info.Architecture}`,
    ` Name: ${info.Name}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ` Debug Mode: ${info.Debug}`,
    ` Experimental: ${info.ExperimentalBuild}`,
    ` Live Restore Enabled: ${info.LiveRestoreEnabled}`,
  ];
  await call.stdout(`${lines.join('\n')}\n`);
  return 0;
}

const Version = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  MinAPIVersion: z.string(),
  Os: z.string(),
  Arch: z.string(),
});

export async function showVersion({ call, client, flags }: DockerRequest): Promise<number> {
  const format = lastFlag(flags, 'format');
  const own = { Version: DOCKER_VERSION, ApiVersion: DOCKER_API, Os: 'linux', Arch: 'amd64' };
  if (format === undefined)
    await call.stdout(
      `Client: Docker Engine - Community\n Version:           ${DOCKER_VERSION}\n API version:       ${DOCKER_API}\n OS/Arch:           linux/amd64\n Context:           default\n`,
    );
  const version = await ask(client, Version, 'GET', '/version');
  if (format !== undefined) {
    const all = { Client: own, Server: version };
    await call.stdout(`${format === 'json' ? JSON.stringify(all) : renderTemplate(format, all)}\n`);
    return 0;
  }
  await call.stdout(
    `\nServer: Docker Engine - Community\n Engine:\n  Version:          ${version.Version}\n  API version:      ${version.ApiVersion} (minimum version ${version.MinAPIVersion})\n  OS/Arch:          ${version.Os}/${version.Arch}\n  Experimental:     false\n`,
  );
  return 0;
}

const Usage = z.object({
  Images: z.array(z.object({ Size: z.number(), Containers: z.number() })),
  Containers: z.array(z.object({ State: z.string() })),
});

export async function showDiskUsage(request: DockerRequest): Promise<number> {
  const usage = await ask(request.client, Usage, 'GET', '/system/df');
  const sum = (sizes: readonly { readonly Size: number }[]): number => sizes.reduce((all, { Size }) => all + Size, 0);
  const total = sum(usage.Images);
  const free = sum(usage.Images.filter(({ Containers }) => Containers === 0));
  const running = usage.Containers.filter(({ State }) => State === 'running').length;
  const row = (Type: string, TotalCount: number, Active: number, Size: number, Reclaimable: string) => ({
    Type,
    TotalCount: String(TotalCount),
    Active: String(Active),
    Size: humanSize(Size),
    Reclaimable,
  });
  const used = usage.Images.filter(({ Containers }) => Containers > 0).length;
  const percent = total === 0 ? '' : ` (${Math.floor((free / total) * 100)}%)`;
  return printRows(
    request,
    [
      row('Images', usage.Images.length, used, total, `${humanSize(free)}${percent}`),
      row('Containers', usage.Containers.length, running, 0, '0B'),
      row('Local Volumes', 0, 0, 0, '0B'),
      row('Build Cache', 0, 0, 0, '0B'),
    ],
    {
      type: '*formatter.diskUsageContext',
      columns: ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'],
      headings: { Type: 'TYPE', TotalCount: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' },
    },
  );
}
