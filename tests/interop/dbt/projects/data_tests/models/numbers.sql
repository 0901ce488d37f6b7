select range as n, range % 3 as rest, case when range < 4 then 'low' when range < 8 then 'high' end as band from range(10)
