select 'from toolbox' as origin
