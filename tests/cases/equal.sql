SELECT COUNT(*) FROM visits;
select count( * ) as n from VISITS v;

SELECT COUNT(*) FROM visits WHERE urgent AND cost > 1;
SELECT COUNT(*) FROM visits WHERE cost > 1 AND urgent;

SELECT COUNT(*) FROM visits WHERE urgent;
SELECT COUNT(*) FROM visits WHERE urgent AND urgent;

SELECT COUNT(*) FROM visits WHERE cost > 1;
SELECT COUNT(*) FROM visits WHERE cost > 1.000;

SELECT SUM(cost) / COUNT(*) FROM visits;
SELECT SUM(cost), COUNT(*) FROM visits;

SELECT class, COUNT(*) FROM visits GROUP BY 1;
SELECT COUNT(*) FROM visits GROUP BY class HAVING COUNT(*) > 3;
