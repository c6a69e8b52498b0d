/** The timeline as an editor's webview loads it. */
import { TimelineView } from '../view/timeline-view.ts';
import { showPanel } from './editor-host.ts';

showPanel((parent, events) => new TimelineView(parent, events));
