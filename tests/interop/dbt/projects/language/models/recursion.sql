select {{ factorial(10) }} as f, '{{ flatten([1, [2, [3, "x"]], []]) | join("-") }}' as flat
