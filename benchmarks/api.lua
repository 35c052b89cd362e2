-- For wrk: sends the requests of a file, one a line, each once. wrk ... URL -- FILE PAUSE_MS

local asked, number, pause = {}, 0, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    asked[#asked + 1] = line
  end
  pause = tonumber(arguments[2])
  math.randomseed(1)
  if pause > 0 then
    -- Only then: wrk sets a timer for every request once there is a function of this name.
    delay = function()
      return pause * (0.5 + math.random())
    end
  end
end

function request()
  number = number + 1
  return (asked[number]:gsub("|", "\r\n"))
end

function done(summary, latency, _)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.status + summary.errors.timeout
  io.write(string.format(
    'RESULT {"requests": %d, "per_second": %.1f, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, '
      .. '"bytes_an_answer": %.1f, "errors": %d}\n',
    summary.requests, summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    summary.bytes / summary.requests, wrong))
end
