import { z } from 'zod';

/** The machines a lab may have. `internet` is where the attacker sits, `bastion` is the way in for administrators. */
export const HOST_NAMES = ['workstation', 'controlplane', 'node01', 'bastion', 'internet'] as const;

export const HostName = z.enum(HOST_NAMES);
export type HostName = z.infer<typeof HostName>;
