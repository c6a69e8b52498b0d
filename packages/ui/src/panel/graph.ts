/** The graph as an editor's webview loads it. */
import { GraphView } from '../view/graph-view.ts';
import { showPanel } from './editor-channel.ts';

showPanel((parent, events) => new GraphView(parent, events));
