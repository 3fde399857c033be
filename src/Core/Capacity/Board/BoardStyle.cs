namespace ControlPlane.Capacity.Board;

/// <summary>Holds how the board's report looks, on a screen and on paper.</summary>
internal static class BoardStyle
{
    public const string Text = """
        :root { color-scheme: light; --ink: #16202b; --soft: #5b6875; --rule: #dde2e8; --blue: #1f4e79; }
        * { box-sizing: border-box; }
        body { margin: 0; background: #eef1f4; color: var(--ink);
          font: 15px/1.5 "Segoe UI", "Helvetica Neue", "Liberation Sans", "DejaVu Sans", Arial, sans-serif; }
        main { max-width: 980px; margin: 0 auto; background: #fff; padding: 44px 56px 36px; }
        header { border-bottom: 3px solid var(--blue); padding-bottom: 14px; margin-bottom: 22px; }
        .over { margin: 0; text-transform: uppercase; letter-spacing: .09em; font-size: 12px; color: var(--soft); }
        h1 { margin: 4px 0 2px; font-size: 29px; line-height: 1.2; font-weight: 650; }
        .date { margin: 0; color: var(--soft); }
        h2 { font-size: 18px; margin: 34px 0 8px; font-weight: 650; }
        .keys { display: grid; grid-template-columns: repeat(3, 1fr); gap: 12px; }
        .keys div { border: 1px solid var(--rule); border-top: 3px solid var(--blue); padding: 11px 14px 10px; }
        .keys b { display: block; font-size: 25px; line-height: 1.25; font-weight: 650; }
        .keys span { display: block; }
        .keys small { display: block; color: var(--soft); font-size: 12.5px; }
        .says ul { margin: 0; padding-left: 20px; }
        .says li { margin: 3px 0; }
        figure { margin: 10px 0 6px; }
        figcaption { color: var(--soft); font-size: 13px; margin-bottom: 6px; }
        svg { width: 100%; height: auto; display: block; }
        svg text { font-family: inherit; fill: var(--ink); }
        .label { font-size: 12.5px; } .value { font-size: 12px; fill: #5b6875; }
        .axis { font-size: 11px; fill: #5b6875; }
        .end { text-anchor: end; } .middle { text-anchor: middle; }
        .small { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 26px; }
        .legend { margin: 6px 0 0; font-size: 12.5px; color: var(--soft); }
        .legend span { margin-right: 18px; white-space: nowrap; }
        .legend i { display: inline-block; width: 11px; height: 11px; margin-right: 5px; vertical-align: -1px; }
        table { border-collapse: collapse; width: 100%; font-size: 12px; margin: 10px 0 4px; }
        th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 1.5px solid var(--ink); }
        th, td { padding: 3px 5px; vertical-align: bottom; }
        td { border-bottom: 1px solid var(--rule); }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } th.n { white-space: normal; }
        .wide td:first-child { min-width: 19em; } .figures td:first-child { min-width: 12em; }
        .under { margin: 2px 0 10px; font-size: 12.5px; line-height: 1.4; }
        .note { margin: 2px 0 8px; font-size: 12.5px; color: var(--soft); }
        .mute { color: var(--soft); }
        .bad { color: #b23b3b; font-weight: 650; }
        footer { margin-top: 30px; border-top: 1px solid var(--rule); font-size: 12px; color: var(--soft); }
        code { overflow-wrap: anywhere; }
        @media (max-width: 700px) {
          main { padding: 20px 16px; } .keys, .small { grid-template-columns: 1fr; }
          section { overflow-x: auto; }
        }
        @page { size: A4; margin: 14mm 13mm; }
        @media print {
          body { background: #fff; font-size: 9.5pt; } main { max-width: none; padding: 0; }
          h1 { font-size: 24px; } h2 { margin-top: 22px; }
          .break { break-before: page; } figure, tr, .keys div { break-inside: avoid; } h2 { break-after: avoid; }
          thead { display: table-header-group; } table { font-size: 7.8pt; } th, td { padding: 2px 4px; }
          * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        }

        """;
}
