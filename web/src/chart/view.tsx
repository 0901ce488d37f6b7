// A chart of a tile, drawn when it is first seen, and drawn anew when its rows, its size or the theme change.
import { useEffect, useRef } from "preact/hooks";

import type { Cell, Tile, TileData } from "../api";
import { readInk, useTheme } from "../theme";
import { summarise, Table } from "./data";
import type { Chart } from "./echarts";
import type { Palette } from "./palette";

interface Props {
  tile: Tile;
  data: TileData;
  palette: Palette;
  onRow: ((row: Cell[]) => void) | undefined;
  /** Gets what makes a picture of the chart, as a data address. */
  onPicture: (take: () => string) => void;
}

export function ChartView({ tile, data, palette, onRow, onPicture }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const click = useRef<(series: number, at: number) => void>(() => {});
  const theme = useTheme();

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let gone = false;
    let resize: ResizeObserver | null = null;
    void Promise.all([import("./echarts"), import("./options")]).then(([{ init }, { draw }]) => {
      if (gone) return;
      const render = () => {
        if (element.clientWidth === 0 || element.clientHeight === 0) return;
        if (!chart.current) {
          chart.current = init(element);
          chart.current.on("click", (event) => click.current(event.seriesIndex ?? 0, event.dataIndex));
          onPicture(() => chart.current?.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: readInk().surface }) ?? "");
        } else {
          chart.current.resize();
        }
        const drawing = draw(new Table(tile, data), readInk(), palette, element.clientWidth, element.clientHeight);
        click.current = (series, at) => {
          const row = drawing.rowAt(series, at);
          if (row && onRow) onRow(row);
        };
        // What stays moves to its new place; what is gone goes.
        chart.current.setOption(drawing.option, { replaceMerge: ["series", "legend"] });
      };
      render();
      resize = new ResizeObserver(render);
      resize.observe(element);
    });
    return () => {
      gone = true;
      resize?.disconnect();
    };
  }, [tile, data, palette, theme, onRow, onPicture]);

  useEffect(
    () => () => {
      chart.current?.dispose();
      chart.current = null;
    },
    [],
  );

  return <div class="chart" ref={box} role="img" aria-label={summarise(new Table(tile, data))} data-tile-chart={tile.name} />;
}
