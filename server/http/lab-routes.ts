import express, { type Request, Router } from 'express';
import { z } from 'zod';
import { CreateLabRequest } from '../../protocol/api.ts';
import { kubeconfigOf } from '../../clusters/kubeconfig.ts';
import { labIdIn, type LabRegistry } from '../labs/lab-registry.ts';
import type { ManagedLab } from '../labs/managed-lab.ts';
import type { Log } from '../log.ts';
import { streamChecks } from './check-stream.ts';
import { parseInput } from './problems.ts';

const CheckQuery = z.object({ task: z.string().optional() });

/** Everything under `/api/labs` that is not a WebSocket. */
export function labRoutes(labs: LabRegistry, log: Log): Router {
  const labOf = ({ params }: Request<{ lab: string }>): ManagedLab => labs.find(labIdIn(params.lab));
  const router = Router();

  router.get('/labs', (_request, response) => {
    response.json(labs.list());
  });
  router.post('/labs', express.json({ limit: '16kb' }), async (request, response) => {
    const lab = await labs.create(parseInput(CreateLabRequest, request.body, 'body'));
    response.status(202).location(`/api/labs/${lab.id}`).json(lab);
  });
  router.get('/labs/:lab', (request, response) => {
    response.json(labOf(request).detail());
  });
  router.delete('/labs/:lab', async (request, response) => {
    await labs.delete(labOf(request).summary().id);
    response.status(204).end();
  });
  router.post('/labs/:lab/reset', (request, response) => {
    const lab = labOf(request);
    lab.reset();
    response.status(202).json(lab.summary());
  });
  router.post('/labs/:lab/checks', async (request, response) => {
    const { task } = parseInput(CheckQuery, request.query, 'query');
    await streamChecks({ lab: labOf(request), response, log, ...(task !== undefined && { task }) });
  });
  router.get('/labs/:lab/kubeconfig', async (request, response) => {
    const lab = labOf(request);
    const kubeconfig = kubeconfigOf(lab.summary().id, await lab.ready().kubeAccess('admin'));
    response.type('application/yaml').send(kubeconfig);
  });
  return router;
}
