/** The timeline as an editor's webview loads it. */
import { TimelineView } from '../view/timeline-view.ts';
import { showPanel } from './editor-channel.ts';

showPanel((parent, events) => new TimelineView(parent, events));
