/** The graph as an editor's webview loads it. */
import { layouterBeside } from '../view/flow-layouter.ts';
import { GraphView } from '../view/graph-view.ts';
import { showPanel } from './editor-channel.ts';

const layouter = layouterBeside(document.currentScript);

showPanel((parent, events) => new GraphView(parent, events, layouter));
