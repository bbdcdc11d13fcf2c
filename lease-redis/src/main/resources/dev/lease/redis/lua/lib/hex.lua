-- Members of sorted sets in answers and arguments: they are bytes, and no texts.
local function toHex(bytes)
  return (string.gsub(bytes, '.', function(byte)
    return string.format('%02x', string.byte(byte))
  end))
end

local function fromHex(text)
  return (string.gsub(text, '%x%x', function(byte)
    return string.char(tonumber(byte, 16))
  end))
end
