import { Suspense, lazy } from 'react';
import { Stage } from './stage.tsx';
import { useRoute } from './navigation.tsx';
import { PageGuard } from './page-guard.tsx';
import { ProblemNote } from './problem-note.tsx';

const CataloguePage = lazy(async () => ({ default: (await import('../catalogue/catalogue-page.tsx')).CataloguePage }));
const LabPage = lazy(async () => ({ default: (await import('../lab/lab-page.tsx')).LabPage }));

/** The page that the address asks for. */
export function App() {
  const route = useRoute();
  return (
    <PageGuard key={JSON.stringify(route)}>
      <Suspense fallback={<Stage busy>Loading</Stage>}>
        {route.page === 'catalogue' && <CataloguePage />}
        {route.page === 'lab' && <LabPage lab={route.lab} />}
        {route.page === 'lost' && (
          <Stage>
            <ProblemNote
              problem={{
                type: 'about:blank',
                title: 'There is no such page',
                status: 404,
                detail: `Nothing is found at ${route.path}.`,
                nextStep: 'Go to the list of scenarios.',
              }}
              home
            />
          </Stage>
        )}
      </Suspense>
    </PageGuard>
  );
}
