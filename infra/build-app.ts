import { App, type AppProps, Tags } from 'aws-cdk-lib';
import { type CellStack, cellStack } from './cell-stack.ts';
import { edgeStack } from './edge-stack.ts';
import { parseSettings } from './settings.ts';

/** The whole deployment: a cell in every Region, and the edge in front of them. */
export const buildApp = (props: AppProps = {}): { app: App; cells: readonly CellStack[] } => {
  const app = new App(props);
  const settings = parseSettings((name) => app.node.tryGetContext(name));
  const cells = settings.regions.map((region) => cellStack(app, settings, region));
  edgeStack(app, settings, cells);
  Tags.of(app).add('application', 'nearput');
  Tags.of(app).add('environment', settings.env);
  return { app, cells };
};
