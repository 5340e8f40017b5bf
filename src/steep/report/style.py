"""The look of the page: an article, its numbers in the margin."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root { --ink: #1f2933; --muted: #5f6b7a; --line: #e3e7ec; --ground: #fdfdfb; --accent: #0072b2;
  --good: #009e73; --note: #0072b2; --warning: #d55e00;
  --serif: 'Iowan Old Style', 'Palatino Linotype', Palatino, 'TeX Gyre Pagella', 'Source Serif 4',
    Charter, Georgia, 'Noto Serif', 'DejaVu Serif', serif;
  --sans: Inter, 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif }
* { box-sizing: border-box }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 18px/1.58 var(--serif); font-feature-settings: 'kern', 'liga', 'onum' }
article { max-width: 1060px; margin: 0 auto; padding: 72px 28px 0 }
.kicker { margin: 0 0 10px; font: 600 13px/1.3 var(--sans); letter-spacing: .09em;
  text-transform: uppercase; color: var(--accent) }
h1 { margin: 0; font-size: 44px; line-height: 1.12; font-weight: 600; letter-spacing: -.012em;
  overflow-wrap: anywhere; text-wrap: balance }
.lead { margin: 20px 0 0; max-width: 42em; font-size: 20px; line-height: 1.5; color: #3a4652;
  hyphens: auto; text-wrap: pretty }
.facts { display: flex; flex-wrap: wrap; gap: 18px 44px; margin: 34px 0 0; padding: 20px 0;
  border-top: 1px solid var(--ink); border-bottom: 1px solid var(--line) }
.facts div { min-width: 76px }
.facts dd { margin: 0; font-size: 30px; line-height: 1.15; font-variant-numeric: lining-nums
  tabular-nums }
.facts dt { margin-top: 3px; font: 13px/1.3 var(--sans); color: var(--muted);
  overflow-wrap: anywhere }
nav { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 14px 0 0; font: 14px/1.9 var(--sans) }
nav a { color: var(--muted); text-decoration: none; border-bottom: 1px solid transparent }
nav a:hover, nav a:focus-visible { color: var(--accent); border-color: currentColor }
section { margin-top: 64px }
h2 { margin: 0 0 20px; font-size: 28px; line-height: 1.2; font-weight: 600;
  letter-spacing: -.006em }
section > p { max-width: 40em; margin: 0 0 18px; hyphens: auto; text-wrap: pretty }
.finding { display: grid; grid-template-columns: minmax(0, 1fr) 340px; gap: 8px 52px;
  padding: 22px 0 24px; border-top: 1px solid var(--line) }
.finding h3 { position: relative; margin: 0 0 6px; font-size: 20px; line-height: 1.3;
  font-weight: 600; padding-left: 20px; overflow-wrap: anywhere }
.finding h3::before { content: ''; position: absolute; left: 0; top: .42em; width: 9px;
  height: 9px; border-radius: 50%; background: var(--note) }
.finding.good h3::before { background: var(--good) }
.finding.warning h3::before { background: var(--warning); border-radius: 0;
  transform: rotate(45deg) }
.finding p { margin: 0; padding-left: 20px; max-width: 36em; hyphens: auto; text-wrap: pretty;
  overflow-wrap: anywhere }
.finding aside { padding-top: 5px }
.numbers { width: 100%; border-collapse: collapse; font: 13px/1.4 var(--sans);
  font-variant-numeric: tabular-nums }
.numbers th { padding: 3px 12px 3px 0; font-weight: 400; text-align: left; color: var(--muted);
  overflow-wrap: anywhere }
.numbers td { padding: 3px 0; text-align: right; vertical-align: bottom; white-space: nowrap }
.best { width: 100%; border-collapse: collapse; font: 15px/1.35 var(--sans);
  font-variant-numeric: tabular-nums }
.best thead th { padding: 0 18px 8px 0; border-bottom: 1px solid var(--ink); font-size: 13px;
  font-weight: 400; color: var(--muted); text-align: left; white-space: nowrap }
.best tbody th, .best td { padding: 10px 18px 8px 0; border-bottom: 1px solid var(--line);
  text-align: left; vertical-align: top; font-weight: 400; overflow-wrap: anywhere }
.best td:last-child { width: 270px; padding-right: 0 }
.best b { font-weight: 600 }
.strip { display: block; width: 100%; height: 39px; overflow: visible }
.ends { display: flex; justify-content: space-between; gap: 12px; font-size: 11.5px;
  color: var(--muted) }
figure { margin: 0 0 52px; padding-top: 18px; border-top: 1px solid var(--line) }
figcaption { max-width: 52em; margin: 8px 0 0; font: 14px/1.5 var(--sans); color: var(--muted) }
figcaption b { color: var(--ink); font-weight: 600 }
footer { max-width: 1060px; margin: 8px auto 0; padding: 18px 28px 56px; font: 13px/1.5 var(--sans);
  color: var(--muted) }
@media (max-width: 860px) {
  body { font-size: 17px } article { padding-top: 40px } h1 { font-size: 34px }
  .finding { grid-template-columns: minmax(0, 1fr) } .finding aside { padding-left: 20px }
  .best { display: block; overflow-x: auto } .modebar-container { display: none } }
@media print {
  body { background: white; font-size: 11pt } article { padding-top: 0 } nav { display: none }
  figure, .finding, .best tr { break-inside: avoid } .modebar-container { display: none } }
"""
